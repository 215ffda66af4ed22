-- SPDX-License-Identifier: Apache-2.0
-- What wrk sends: the requests of the Lua file BENCH_REQUESTS, each thread its share of them in turn. A request with a version is
-- one that may be sent once for each version of its order (the saving of a form): #V# in its body is the version, which the
-- answer to the one before has told, and it rests until that answer is there.
local threads = {}

function setup(thread)
    threads[#threads + 1] = thread
    thread:set('number', #threads)
end

local waiting, sent = {}, {}
local next_one = 1

local function bytes(path)
    local f = assert(io.open(path, 'rb'))
    local all = f:read('*a')
    f:close()
    return all
end

function init()
    local all = dofile(os.getenv('BENCH_REQUESTS'))
    for i = number, #all, all.threads do
        local one = all[i]
        if one.file then one.body = bytes(one.file) end
        if not one.version then one.text = wrk.format(one.method, one.path, one.headers, one.body) end
        waiting[#waiting + 1] = one
    end
    if not all[1].version then response = nil end -- an answer that nobody looks at costs the client nothing
end

function request()
    local one = waiting[next_one]
    if not one then error('no order is left to be saved: too many answers were refusals, or got lost') end
    if one.text then
        next_one = next_one % #waiting + 1
        return one.text
    end
    sent[one.order] = table.remove(waiting, 1)
    return wrk.format(one.method, one.path, one.headers, (one.body:gsub('#V#', one.version)))
end

function response(status, headers, body)
    local order, version = body:match('"id": ?"([%x-]+)"'), body:match('"version": ?(%d+)')
    if status == 200 and sent[order] then
        sent[order].version = version
        waiting[#waiting + 1] = sent[order]
        sent[order] = nil
    end
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format('\nBENCH {"requests":%d,"seconds":%f,"p50_us":%d,"p99_us":%d,"mean_us":%f,"refused":%d,"lost":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.mean,
        e.status, e.connect + e.read + e.write + e.timeout))
end
