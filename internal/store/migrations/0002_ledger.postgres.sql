-- An integer is 64 bits wide in SQLite, 32 here.
alter table log_entry alter column idx type bigint;
alter table log_hash alter column i type bigint;

-- Append only: a mistake in this program, or in a tool that opens the database, is refused by the database itself.
-- An operator who gives this program its own role should also revoke update, delete and truncate from it.
create function log_refuse() returns trigger language plpgsql as $$
begin
  raise exception '% is append only', tg_table_name;
end $$;
create trigger log_entry_append before update or delete or truncate on log_entry
  for each statement execute function log_refuse();
create trigger log_hash_append before update or delete or truncate on log_hash
  for each statement execute function log_refuse();

create function log_head_forward() returns trigger language plpgsql as $$
begin
  if new.size < old.size or new.published < old.published then
    raise exception 'log_head never goes back';
  end if;
  return new;
end $$;
create trigger log_head_update before update on log_head
  for each row execute function log_head_forward();
create trigger log_head_delete before delete or truncate on log_head
  for each statement execute function log_refuse();
