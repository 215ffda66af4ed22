-- Deploy certhall:baseline to pg
-- Every table before the first release, a subject a file. Nothing that was deployed before it has to survive; from the release
-- on a change of the schema is a new line of sqitch.plan.
BEGIN;
\ir ../baseline/foundation.sql
\ir ../baseline/audit.sql
\ir ../baseline/authority.sql
\ir ../baseline/reference.sql
\ir ../baseline/project.sql
\ir ../baseline/people.sql
\ir ../baseline/outbox.sql
\ir ../baseline/order.sql
\ir ../baseline/paper.sql
\ir ../baseline/certificate.sql
\ir ../baseline/identity.sql
\ir ../baseline/payment.sql
\ir ../baseline/payout.sql
\ir ../baseline/seal.sql
\ir ../baseline/revocation.sql
\ir ../baseline/parcel.sql
\ir ../baseline/partner.sql
\ir ../baseline/retention.sql
\ir ../baseline/encrypted.sql
\ir ../baseline/month.sql
COMMIT;
