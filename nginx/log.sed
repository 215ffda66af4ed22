# nginx ends a message about a request with the request line, host and referrer. Of these only method and path are kept: what
# stands behind a '?' may be a person's. In the path of delivery reports there is a secret word.
s,(/notify/sms/)[^ "?]*,\1...,g
s/(, request: "[A-Z]+ [^ ?"]*).*/\1"/
t
s/, request: .*//
s/, (host|referrer): .*//
