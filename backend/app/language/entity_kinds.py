"""The kinds of entities: what the dream finds names of, and what a question may ask for."""

PERSON, PLACE, ORGANISATION, THING = "person", "place", "organisation", "thing"
