import { serveRoom } from '#shared/serve.ts'
import { createPlaylistsRoom } from './server.ts'

await serveRoom(createPlaylistsRoom)
