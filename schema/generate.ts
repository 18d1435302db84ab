import { writeFile } from 'node:fs/promises'
import { composeSupergraph } from './compose.ts'
import { SUPERGRAPH_FILE } from './supergraph.ts'

await writeFile(SUPERGRAPH_FILE, composeSupergraph())
