import { serveRoom } from '#shared/serve.ts'
import { createPlaybackRoom } from '../../subgraphs/playback/server.ts'
import { fillEnvironment } from '../standalone/environment.ts'
import { readPace, timeBy } from './clock.ts'

/** `playback-room.ts BASE SINCE SPEED`: the playback room by a clock that is told; all other rooms, and tokens, go by ours. */
const now = timeBy(readPace(process.argv.slice(2)))
await fillEnvironment('playback')
await serveRoom((deps) => createPlaybackRoom(deps, now))
