import { fillEnvironment } from './environment.ts'

/** `npm run gateway`: the door alone, over rooms that are reached by URL. */
try {
  await fillEnvironment('gateway')
  await import('../../gateway/index.ts')
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
