-- Which computation made a version's values (core/chart/compute-values.ts). NULL is one from before there was a number. Values
-- of another computation than the program's are made anew when they are asked for, as those that are not there yet.
ALTER TABLE versions ADD COLUMN values_computation smallint;
