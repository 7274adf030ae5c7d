/**
 * Whether somebody has signed in on this browser. The session itself is in a cookie that no script can
 * read; without this mark nobody is asked for, and no request is refused in vain.
 */
const KEY = "sara.known";

export function isKnown(): boolean {
  return localStorage.getItem(KEY) !== null;
}

export function setKnown(isSignedIn: boolean): void {
  if (isSignedIn) localStorage.setItem(KEY, "yes");
  else localStorage.removeItem(KEY);
}
