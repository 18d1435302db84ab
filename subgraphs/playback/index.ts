import { serveRoom } from '#shared/serve.ts'
import { createPlaybackRoom } from './server.ts'

await serveRoom(createPlaybackRoom)
