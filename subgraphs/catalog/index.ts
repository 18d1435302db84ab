import { serveRoom } from '#shared/serve.ts'
import { createCatalogRoom } from './server.ts'

await serveRoom(createCatalogRoom)
