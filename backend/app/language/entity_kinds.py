"""The kinds of entities that the dream tells apart and a question may ask for."""

PERSON, PLACE, ORGANISATION, THING = "person", "place", "organisation", "thing"
