-- Pushes what a file has, one request after the other, and begins anew at its end:
--
--   wrk --threads 1 --connections 8 --script agents.lua http://127.0.0.1:PORT -- FILE
--
-- bench/agents_work.py says how the file is made. The last line out is
-- `pushes COUNT MICROSECONDS FAILED`.

local requests, at = {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for bytes in file:lines() do
    requests[#requests + 1] = file:read(tonumber(bytes))
  end
  file:close()
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format("pushes %d %d %d\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
