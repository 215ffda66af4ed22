-- The months to which rows of today and of the near future belong.
SELECT hall.months_make();
