import { serveRoom } from '#shared/serve.ts'
import { createRecommendationsRoom } from './server.ts'

await serveRoom(createRecommendationsRoom)
