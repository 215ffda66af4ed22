-- SPDX-License-Identifier: Apache-2.0
-- The rights of the sandbox's programs in its database.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_sandbox') THEN
        GRANT USAGE ON SCHEMA sandbox TO certhall_sandbox;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sandbox TO certhall_sandbox;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sandbox TO certhall_sandbox;
    END IF;
END $$;
