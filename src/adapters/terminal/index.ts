export { type Progress, type ProgressStream, showProgress } from './progress.ts';
export { renderCard, type TerminalOptions } from './render-card.ts';
