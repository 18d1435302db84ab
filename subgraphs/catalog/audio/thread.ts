import { Worker } from 'node:worker_threads'

/**
 * Node 20 does not run TypeScript, and a loader given by `--import` does not reach a thread's own entry file: so a thread starts
 * from these lines, which bring tsx where Node needs it.
 */
const BOOTSTRAP = `
const { tsx, entry } = require('node:worker_threads').workerData
const ready = tsx === null ? Promise.resolve() : import(tsx).then(({ register }) => register())
ready.then(() => import(entry))`

/** A thread that runs a TypeScript file. */
export function startThread(entry: URL, limits: { maxOldGenerationSizeMb?: number } = {}): Worker {
  const isTypeScriptNative = 'typescript' in process.features && Boolean(process.features.typescript)
  const tsx = isTypeScriptNative ? null : import.meta.resolve('tsx/esm/api')
  return new Worker(BOOTSTRAP, {
    eval: true,
    execArgv: [],
    workerData: { tsx, entry: entry.href },
    resourceLimits: limits,
  })
}
