-- The public record. It is one log for the instance, across its tenants: org is noted where it is known, but the
-- keys of log_entry, log_hash, log_head and log_pending are the log's own. Only log_text is a tenant's table.
-- No later migration may change log_entry or log_hash: their bytes are what the signed checkpoints commit to.
create table log_entry (
  idx     integer primary key,
  id      text    not null,
  org     text    not null,
  type    text    not null,
  subject text    not null,
  leaf    bytea   not null
);
create unique index log_entry_id on log_entry (id);
create index log_entry_subject on log_entry (subject, idx);

-- The tree's hashes at their stored index (Crosby and Wallach 2009, section 3.3).
create table log_hash (
  i integer primary key,
  h bytea   not null
);

-- One row. size and root tell what log_entry and log_hash hold; published and note, the newest signed checkpoint.
create table log_head (
  one       integer primary key check (one = 1),
  size      bigint  not null,
  root      bytea   not null,
  published bigint  not null,
  note      text    not null,
  signed_at bigint  not null,
  verifier  text    not null
);

-- What an entry's digest commits to, apart from it so that it can be dropped. salt and body are null together:
-- for a sealed entry from the start, for a withdrawn one (notice then names the entry that says why) from that day.
create table log_text (
  org    text not null,
  id     text not null,
  salt   bytea,
  body   bytea,
  notice text not null default '',
  primary key (org, id)
);

-- Entries whose act is committed and which wait for their index.
create table log_pending (
  id      text   primary key,
  entered bigint not null,
  org     text   not null,
  type    text   not null,
  subject text   not null,
  leaf    bytea  not null
);
create index log_pending_entered on log_pending (entered, id);
