-- Verify certhall:holder_revokes on pg
SELECT revoke_reason FROM hall.identity WHERE false;
