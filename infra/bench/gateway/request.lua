-- For wrk: one POST over and over, its body and token from the environment; at the end one line of JSON.
local file = io.open(os.getenv('BODY_FILE'), 'rb')
wrk.method = 'POST'
wrk.body = file:read('*a')
wrk.headers['content-type'] = 'application/json'
wrk.headers['accept'] = 'application/json'
wrk.headers['authorization'] = os.getenv('AUTHORIZATION')

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('JSON{"requests":%d,"seconds":%f,"bytes":%d,"faults":%d,"p50":%f,"p95":%f,"p99":%f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
