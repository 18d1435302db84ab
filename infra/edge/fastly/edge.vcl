# Fastly in front of the edge: put into vcl_recv and vcl_hash of a service whose backend is the playback room. The key is the one of
# stream-hosts.json, in a private edge dictionary; a second one verifies while keys are changed.
table stream_keys {
  "now": "YOUR KEY IN BASE64",
  "next": "YOUR KEY IN BASE64",
}

sub vcl_recv {
#FASTLY recv
  if (req.restarts == 0 && fastly.ff.visits_this_service == 0) {
    declare local var.token STRING;
    declare local var.folder STRING;
    declare local var.claims STRING;
    declare local var.quality STRING;
    declare local var.signed STRING;

    # One spelling of a path: no escapes, no dots between slashes, nothing above 2,048 letters.
    if (std.strlen(req.url.path) > 2048 || req.url.path !~ "^(/stream/([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}/(?:track|episode)_[0-9A-Za-z]{22}/)(?:master\.m3u8|(low|normal|high|lossless)/(?:index\.m3u8|audio\.mp4))$") {
      error 403;
    }
    set var.folder = re.group.1;
    set var.claims = digest.base64url_nopad_decode(re.group.2);
    set var.quality = std.toupper(re.group.3);

    # <expiry>_<hex HMAC-SHA256 of folder and expiry>
    set var.token = subfield(req.url.qs, "token", "&");
    if (var.token !~ "^([0-9]{10,11})_([0-9a-f]{64})$") {
      error 403;
    }
    set var.signed = var.folder re.group.1;
    set req.http.X-Expires = re.group.1;
    set req.http.X-Signature = re.group.2;
    if (!digest.secure_is_equal(req.http.X-Signature, regsub(digest.hmac_sha256(digest.base64_decode(table.lookup(stream_keys, "now")), var.signed), "^0x", ""))
     && !digest.secure_is_equal(req.http.X-Signature, regsub(digest.hmac_sha256(digest.base64_decode(table.lookup(stream_keys, "next")), var.signed), "^0x", ""))) {
      error 403;
    }
    if (time.is_after(now, std.integer2time(std.atoi(req.http.X-Expires)))) {
      error 403;
    }
    unset req.http.X-Expires;
    unset req.http.X-Signature;

    # What is signed may be believed: lines of the token in the order of stream-token.ts, 5 the asset, 8 the top quality, 9 the presentation.
    if (var.claims !~ "^2\n(?:[^\n]*\n){4}([^\n]*)\n[^\n]*\n[^\n]*\n(LOW|NORMAL|HIGH|LOSSLESS)\n(FULL|PREVIEW)\n") {
      error 403;
    }
    set req.http.X-Object = re.group.1 "/" var.quality "/" re.group.3;
    if ((re.group.2 == "LOW" && var.quality ~ "^(NORMAL|HIGH|LOSSLESS)$")
     || (re.group.2 == "NORMAL" && var.quality ~ "^(HIGH|LOSSLESS)$")
     || (re.group.2 == "HIGH" && var.quality == "LOSSLESS")) {
      error 403;
    }
    # The query is ours: the origin knows none.
    set req.url = req.url.path;
  }
  # Playlists are made for each token and never kept.
  if (req.url.path !~ "/audio\.mp4$") {
    return(pass);
  }
  return(lookup);
}

# Audio is kept by what it is, not by whose URL it came by.
sub vcl_hash {
#FASTLY hash
  set req.hash += req.http.X-Object;
  set req.hash += req.http.host;
  return(hash);
}

sub vcl_error {
#FASTLY error
  # Nothing that would help a forger.
  if (obj.status == 403) {
    synthetic "";
    return(deliver);
  }
}
