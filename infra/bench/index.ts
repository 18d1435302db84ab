/** `npm run bench -- <name> [arguments]`: each starts what it needs, prints a table and one JSON line, and ends what it started. */
const BENCHES = {
  start: () => import('./start.ts'),
  import: () => import('./import.ts'),
  ingest: () => import('./ingest/index.ts'),
  differential: () => import('./differential.ts'),
  search: () => import('./search.ts'),
  'search-quality': () => import('./search-quality.ts'),
  metadata: () => import('./metadata.ts'),
  mixed: () => import('./mixed.ts'),
  gateway: () => import('./gateway/index.ts'),
  fanout: () => import('./fanout/index.ts'),
  faults: () => import('./faults.ts'),
  hostile: () => import('./hostile/index.ts'),
  'random-bodies': () => import('./random-bodies.ts'),
  publish: () => import('./log/publish.ts'),
  relay: () => import('./log/relay.ts'),
  outage: () => import('./log/outage.ts'),
  poison: () => import('./log/poison.ts'),
  conflict: () => import('./playlists/conflict.ts'),
  histories: () => import('./playlists/histories.ts'),
  editors: () => import('./playlists/editors.ts'),
  cuts: () => import('./playlists/cuts.ts'),
  live: () => import('./playlists/live.ts'),
  slow: () => import('./playlists/slow.ts'),
  retries: () => import('./playlists/retries.ts'),
  forgeries: () => import('./playback/forgeries.ts'),
  edge: () => import('./playback/edge.ts'),
  'playback-start': () => import('./playback/start.ts'),
  outages: () => import('./playback/outages.ts'),
  visible: () => import('./playback/visible.ts'),
  dashboards: () => import('./playback/dashboards.ts'),
  reports: () => import('./playback/reports.ts'),
  'month-close': () => import('./month-close.ts'),
  'exactly-once': () => import('./exactly-once/index.ts'),
}

const [name = '', ...args] = process.argv.slice(2)
if (!Object.hasOwn(BENCHES, name)) {
  process.stderr.write(`Which bench? One of ${Object.keys(BENCHES).join(', ')}\n`)
  process.exit(1)
}
const { run } = await BENCHES[name as keyof typeof BENCHES]()
await run(args)
