-- Verify certhall:face_consent on pg
SELECT c.identity, i.face_declined_at FROM hall.consent c JOIN hall.identity i ON i.id = c.identity WHERE false;
