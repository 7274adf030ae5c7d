/** Where nodes are put: what the worker is asked, and what it answers. */
export interface LayoutAsked {
  ids: string[];
  ties: [source: string, target: string, weight: number][];
  /** Where nodes are already, which then move little. */
  known: Record<string, Place>;
}

export interface Place {
  x: number;
  y: number;
}

export type Places = Record<string, Place>;
