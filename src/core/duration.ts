/** A length of time as a person says it, in its two largest units: "3 h 12 min", "45 s", "2 days 4 h". */
export function inWords(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joinUnits(`${hours} h`, minutes % 60, 'min');
  const days = Math.floor(hours / 24);
  return joinUnits(days === 1 ? '1 day' : `${days} days`, hours % 24, 'h');
}

function joinUnits(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small} ${unit}`;
}
