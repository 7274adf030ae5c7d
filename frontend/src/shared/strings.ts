import { forgetting } from "@/shared/strings/forgetting";
import { looking } from "@/shared/strings/looking";
import { recalling } from "@/shared/strings/recalling";
import { searching } from "@/shared/strings/searching";
import { settings } from "@/shared/strings/settings";
import { shell } from "@/shared/strings/shell";
import { writing } from "@/shared/strings/writing";

/** Everything the app says, in English. */
export const s = {
  ...shell,
  ...recalling,
  ...looking,
  ...forgetting,
  ...settings,
  ...writing,
  ...searching,
} as const;
