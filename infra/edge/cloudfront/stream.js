// A CloudFront Function (runtime cloudfront-js-2.0) for viewer requests under /stream/*, behind a trusted key group: the signature that
// CloudFront has verified is over the path and so over the token in it, whose claims may therefore be believed.
const QUALITIES = ['LOW', 'NORMAL', 'HIGH', 'LOSSLESS']
const GRAMMAR =
  /^\/stream\/([\w-]+)\.[\w-]+\.[\w-]{43}\/(?:track|episode)_[0-9A-Za-z]{22}\/(?:master\.m3u8|(low|normal|high|lossless)\/(index\.m3u8|audio\.mp4|key))$/

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
function handler(event) {
  const request = event.request
  delete request.headers['x-cadenza-stream']
  const match = GRAMMAR.exec(request.uri)
  if (match === null) return refused()
  // In the order that stream-token.ts writes them: 5 the asset, 8 the top quality, 9 the presentation.
  const claims = Buffer.from(match[1], 'base64url').toString().split('\n')
  if (match[2] === undefined) return request
  const quality = match[2].toUpperCase()
  if (QUALITIES.indexOf(quality) > QUALITIES.indexOf(claims[8])) return refused()
  if (match[3] !== 'audio.mp4') return request
  // Kept by what it is, not by whose URL it came by; our edge verifies the token again when CloudFront has to ask.
  request.headers['x-cadenza-stream'] = { value: request.uri }
  request.uri = `/object/${claims[5]}/${quality}/${claims[9]}`
  return request
}

function refused() {
  return { statusCode: 403, statusDescription: 'Forbidden' }
}
