export { createProgress, type Progress, type ProgressStream } from './progress.ts';
export { renderCard, type TerminalOptions } from './render-card.ts';
