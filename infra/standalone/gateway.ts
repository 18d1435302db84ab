import { fillEnvironment } from './environment.ts'

/** `npm run gateway`: the door alone, over Cadenza's rooms or, with `--supergraph FILE`, over whatever that names. */
try {
  const args = process.argv.slice(2)
  if (args.length > 0) {
    const { serveSupergraph } = await import('./foreign-gateway.ts')
    await serveSupergraph(args)
  } else {
    await fillEnvironment('gateway')
    await import('../../gateway/index.ts')
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
