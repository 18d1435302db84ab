import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendJson } from './bodies.ts'
import { metrics } from './telemetry.ts'

/**
 * `/health/live`, `/health/ready` (also `/health`) and `/metrics`, the same in front of a room and of the door. `readiness` names each part
 * that the process cannot do its work without, and whether it is there.
 */
export async function answerProbe(
  request: IncomingMessage,
  response: ServerResponse,
  readiness: () => Promise<Record<string, boolean>>,
): Promise<boolean> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  switch (request.url) {
    case '/health/live':
      sendJson(response, 200, { status: 'live' })
      return true
    case '/health':
    case '/health/ready': {
      const parts = await readiness()
      const isReady = Object.values(parts).every(Boolean)
      sendJson(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', parts })
      return true
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': metrics.contentType })
      response.end(await metrics.metrics())
      return true
    default:
      return false
  }
}
