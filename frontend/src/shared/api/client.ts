import createClient from "openapi-fetch";
import { problemOf, Unreachable } from "@/shared/api/problem";
import type { components, paths } from "@/shared/api/schema";
import { session } from "@/shared/api/session";

/** Types of the service's answers, by the name that openapi.json gives them. */
export type Schemas = components["schemas"];

const SIGNED_OUT = "NotSignedInError";

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: send });

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer; throws `Problem` when it is a refusal, `Unreachable` when there is none. */
export async function answerOf<T>(call: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(response.status, error);
  return data as T;
}

/** `fetch` that waits for a session to be renewed; for what the typed client cannot send. */
export async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await reach(request);
  if (response.status !== 401 || !(await isSignedOut(response))) return response;
  return (await session.renewal()) ? reach(again) : response;
}

async function isSignedOut(response: Response): Promise<boolean> {
  return problemOf(401, await response.clone().json()).kind === SIGNED_OUT;
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable();
  }
}
