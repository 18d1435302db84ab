// Makes every committed generated file again and fails when one differs from what is committed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const FILES = {
  'schema/supergraph.graphql': 'schema/generate.ts',
  'infra/demo/catalogue.json': 'infra/demo/compose-catalogue.ts',
}

let isDrifting = false
for (const [file, generator] of Object.entries(FILES)) {
  const before = readFileSync(file, 'utf8')
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', generator], { encoding: 'utf8' })
  if (status === 0 && readFileSync(file, 'utf8') === before) continue
  process.stderr.write(
    `${file} is not what ${generator} makes now: run npm run generate and commit\n${stderr}`,
  )
  isDrifting = true
}
process.exit(isDrifting ? 1 : 0)
