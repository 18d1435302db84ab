// What nginx verifies of a stream's URL before it touches a file: the same grammar, token and limits as our own edge
// (subgraphs/playback/services/{stream-path,stream-token,admission}.ts), on the request line as it came over the wire. For njs 0.7.9.
// biome-ignore lint/style/useNodejsImportProtocol: njs knows it by this name
import crypto from 'crypto'

const QUALITIES = ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS']
const SEALED = ['HIGH', 'LOSSLESS']
const MAX_LENGTH = 2048
const VERSION = '2'
const LINES = 13
const GRAMMAR =
  /^\/stream\/([\w-]+\.([\w-]+))\.([\w-]{43})\/((?:track|episode)_[0-9A-Za-z]{22})\/(?:(master\.m3u8)|(low|normal|high|lossless)\/(index\.m3u8|audio\.mp4|key))$/

/** Where nginx goes with a request: a file of the audio folder, the cache before our edge, our edge, or the refusal. */
function target(r) {
  const request = admit(r.variables.request_uri)
  if (request === null) return '/refused'
  if (request.file !== 'audio.mp4') return '/origin'
  // Sealed files and previews are made by our edge, which holds the keys; they are kept here.
  if (SEALED.includes(request.quality) || request.presentation !== 'FULL') return '/sealed'
  return `/audio/${request.assetId}/${request.quality.toLowerCase()}.mp4`
}

/** What is kept under one name whoever asks for it: the token is not part of it. */
function object(r) {
  const request = admit(r.variables.request_uri)
  return request === null ? '' : `${request.assetId}/${request.quality}/${request.presentation}`
}

// njs has no destructuring: fields are taken by their place, in the order that stream-token.ts writes them.
function admit(uri) {
  const match = uri.length > MAX_LENGTH ? null : GRAMMAR.exec(uri)
  if (match === null) return null
  const kid = match[2]
  // Read by nginx as it started, and read again when it is told to: `nginx -s reload`.
  const keys = stream_keys.keys
  if (!Object.keys(keys).includes(kid) || !isSame(match[3], sign(match[1], keys[kid]))) return null
  const claims = Buffer.from(match[1].split('.')[0], 'base64url').toString().split('\n')
  const isFor = claims[0] === VERSION && claims.length === LINES && claims[4] === match[4]
  if (!isFor || Date.now() >= Number(claims[11]) * 1000) return null
  const quality = match[6] === undefined ? null : match[6].toUpperCase()
  if (quality !== null && QUALITIES.indexOf(quality) > QUALITIES.indexOf(claims[8])) return null
  return { assetId: claims[5], quality: quality, file: match[7], presentation: claims[9] }
}

/** An empty 403, the same whatever is wrong. */
function refuse(r) {
  r.status = 403
  r.headersOut['Content-Length'] = '0'
  r.headersOut['Cache-Control'] = 'no-store'
  r.sendHeader()
  r.finish()
}

function sign(text, key) {
  return crypto.createHmac('sha256', Buffer.from(key, 'base64url')).update(text).digest('base64url')
}

/** In a time that says nothing about where they differ. */
function isSame(given, expected) {
  let difference = given.length ^ expected.length
  for (let index = 0; index < expected.length; index++)
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index)
  return difference === 0
}

export default { target, object, refuse }
