-- Append only: a mistake in this program, or in a tool that opens the file, is refused by the database itself.
create trigger log_entry_update before update on log_entry begin
  select raise(abort, 'log_entry is append only');
end;
create trigger log_entry_delete before delete on log_entry begin
  select raise(abort, 'log_entry is append only');
end;
create trigger log_hash_update before update on log_hash begin
  select raise(abort, 'log_hash is append only');
end;
create trigger log_hash_delete before delete on log_hash begin
  select raise(abort, 'log_hash is append only');
end;
create trigger log_head_update before update on log_head
when new.size < old.size or new.published < old.published begin
  select raise(abort, 'log_head never goes back');
end;
create trigger log_head_delete before delete on log_head begin
  select raise(abort, 'log_head never goes back');
end;
