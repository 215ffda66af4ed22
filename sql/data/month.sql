-- The months that rows of today and of the near future fall into.
SELECT hall.months_make();
