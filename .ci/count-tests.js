// Sums up vitest's JSON report in one line. Fails when a test failed, and when there was nothing to count.
import { readFileSync } from 'node:fs';

const { passed, failed, skipped } = count(readFileSync(process.argv[2], 'utf8'));
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function count(report) {
  // No report: the run ended before its first test.
  if (report.trim() === '') return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(report);
  // A file that could not even be loaded has failed without a test of its own that could say so.
  const unloaded = result.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + unloaded.length,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
