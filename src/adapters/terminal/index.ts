export { commandFor } from './command-line.ts';
export { columnsOf, type Progress, type ProgressStream, showProgress } from './progress.ts';
export { askQuestion } from './question.ts';
export { renderCard, type TerminalOptions } from './render-card.ts';
export { type ActionEnd, type ActionRun, type Conversation, runAction } from './run-action.ts';
