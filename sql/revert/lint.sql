-- Revert certhall:lint from pg
BEGIN;
DROP FUNCTION hall.lint_json, hall.authority_due, hall.ca_newest, hall.lint_found, hall.lint_work, hall.lint_issuer, hall.lint_want;
DROP TABLE hall.lint_finding;
DROP TABLE hall.lint;
COMMIT;
