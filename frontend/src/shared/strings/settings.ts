import { count, plural } from "@/shared/lib/numbers";

/** The settings: account, models, keys, everything out and in. */
export const settings = {
  settings: {
    account: "Account",
    memory: "Memory",
    memoryHint: "Set by whoever runs the service, in its environment.",
    ai: "Models",
    keys: "API keys",
    transfer: "Export and import",
    saved: "Saved.",
    since: (when: string) => `since ${when}`,
    administrator: "administrator",
    zone: "Time zone",
    zoneHint: "Where your days begin and end, and your nights.",
    paused: "Pause recording",
    pausedHint: "Nothing new is remembered while this is on.",
    password: "Change the password",
    currentPassword: "Current password",
    newPassword: "New password",
    changePassword: "Change the password",
    passwordChanged: "Changed. Every other session has ended.",
    erase: "Erase my account …",
    eraseHint: "Your account and everything in it, at once and for good.",
    eraseTitle: "Erase the account",
    eraseWarning:
      "Every memory, note, summary and key goes, and nothing brings them back. Export first what you want to keep.",
    eraseConfirm: "Erase everything",
    memoryMeaning: {
      hot_days: {
        label: "Hot days",
        meaning: "Memories younger than this many days are in the fast index.",
      },
      results: { label: "Results", meaning: "How many a recall gives when it does not say." },
      salience_threshold: {
        label: "Salience threshold",
        meaning: "From this salience on a memory is embedded at once; below it, words find it.",
      },
      fade_grace_days: {
        label: "Days of grace",
        meaning: "For so many days what has faded can be brought back.",
      },
      working_memory_hours: {
        label: "Working memory, hours",
        meaning: "For so long the latest memories are held in Redis.",
      },
      language: { label: "Language", meaning: "The language that words are stemmed in." },
      embedding_model: { label: "Embedding model", meaning: "Makes the vectors." },
      embedding_dim: { label: "Dimensions", meaning: "The length of a stored vector." },
      embedding_precision: {
        label: "Precision",
        meaning: "fp16 takes half the room of fp32, and finds as much.",
      },
    },
  },
  ai: {
    llm: "Language model",
    embedding: "Embedding model",
    address: "Address, up to and with /v1",
    noAddress: "Leave empty for none: summaries are then made of the day's own sentences.",
    noEmbeddingAddress: "Leave empty to run the model in the service.",
    model: "Model",
    key: "API key",
    keySet: "A key is stored. It is never shown; type another one to replace it.",
    noKey: "No key is stored.",
    removeKey: "Remove the stored key",
    save: "Save",
    saved: "Saved. The models are in use.",
    test: "Test both",
    testing: "Testing …",
    testHint: "Calls the models that are saved, as the service does.",
    readOnly: "Only administrators change these.",
    status: (status: string) =>
      ({ ok: "Answers", error: "Does not work", off: "Not set" })[status] ?? status,
    took: (ms: number) => `${Math.round(ms)} ms`,
    held: (model: string, dimension: number) =>
      `${model}, ${dimension} dimensions. Another model means to make every vector anew: sara-memory reembed.`,
  },
  keys: {
    nothing: "There are no keys.",
    nothingHint: "An agent signs in with a key instead of your password.",
    make: "Make a key",
    name: "What it is for",
    may: "What it may do",
    scope: (scope: string) =>
      ({ read: "recall and read", write: "remember", forget: "forget" })[scope] ?? scope,
    used: (when: string) => `last used ${when}`,
    neverUsed: "never used",
    remove: "Remove",
    removeNamed: (name: string) => `Remove the key ${name}`,
    made: "Your new key",
    madeHint: "It is shown this once. Send it as “Authorization: Bearer …”.",
    copy: "Copy",
    copied: "Copied.",
  },
  transfer: {
    export: "Export",
    exportHint: "Everything remembered, one JSON object a line.",
    exportNow: "Export everything",
    exporting: (lines: string) => `${lines} lines so far …`,
    exported: (lines: string) => `Exported ${lines} lines.`,
    import: "Import",
    importHint:
      "Reads an export back. What is there stays; what was forgotten here stays forgotten.",
    importNow: "Choose a file …",
    importFile: "The file to import",
    importing: "How much of the file is sent",
    stage: (stage: "sending" | "reading") =>
      stage === "sending" ? "Sending the file …" : "Sent. Reading it …",
    imported: (told: { traces: number; known: number; forgotten: number }) =>
      `${plural(told.traces, "memory", "memories")} imported, ${count(told.known)} known already, ${count(told.forgotten)} forgotten here and left out.`,
  },
} as const;
