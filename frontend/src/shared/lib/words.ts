/** `works at` for `works_at`: what the service calls something, as one says it. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}
