-- Verify certhall:revocation on pg
SELECT id, number, certificate, kind, reason, staff, account, identity, way, asked_at, note, state, decided_by, answer, ended_at
  FROM hall.revocation WHERE false;
SELECT 'hall.orders_replaces'::regclass;
SELECT purpose, certificate, project, role, kind, serial, address, refusals, outcome FROM hall.identity WHERE false;
SELECT 1 / (count(*) = 3)::int FROM pg_trigger WHERE tgname IN ('certificate_supersedes', 'certificate_moved', 'revocation_rules');
SELECT 'hall.revocation_decide(uuid, text, bytea)'::regprocedure, 'hall.identity_work(uuid)'::regprocedure;
