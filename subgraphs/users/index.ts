import { serveRoom } from '#shared/serve.ts'
import { createUsersRoom } from './server.ts'

await serveRoom(createUsersRoom)
