-- Verify certhall:report_count on pg
SELECT day, project, business, channel, orders, received, refunded, summed FROM hall.report_count WHERE false;
