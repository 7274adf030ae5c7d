const whole = new Intl.NumberFormat("en-GB");
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `12,345` */
export function count(value: number): string {
  return whole.format(value);
}

/** `1 day`, `2 days` */
export function plural(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `12.3 MB` */
export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? rest : rest.toFixed(1)} ${UNITS[unit]}`;
}

/** `42 %` of a part from 0 to 1 */
export function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}
