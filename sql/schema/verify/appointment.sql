-- Verify certhall:appointment on pg
SELECT a.number, a.identity, a.order_id, a.starts_at, a.seat, a.state, a.staff, a.reason, o.phone, o.seats, h.weekday, h.opens, h.closes
  FROM hall.appointment a JOIN hall.outlet o ON o.code = a.outlet JOIN hall.outlet_hours h ON h.outlet = o.code WHERE false;
