-- Functions that triggers call for each written version keep one plan: PostgreSQL made one for each array's length.

ALTER FUNCTION refresh_chart_details(bigint[]) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION search_signed(bigint) SET plan_cache_mode = force_generic_plan;
