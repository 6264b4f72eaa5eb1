import { workerData } from 'node:worker_threads';
import { z } from 'zod';
import { openStore } from '../adapters/store/index.ts';

// A thread of its own: makes the embedded store of a folder, so that opening it afterwards takes no time.
const { dataDir } = z.object({ dataDir: z.string() }).parse(workerData);
const opened = await openStore({ databaseUrl: null, dataDir });
if (opened.ok) await opened.value.close();
