-- One row for each step of the schema's history that has run.
create table schema_version (
  version integer primary key,
  name    text    not null
);

-- Settings of the instance (not of a tenant): operator, profile, languages, the record's origin.
create table setting (
  name  text primary key,
  value text not null
);

-- A lease says which program may do a thing that only one may do at a time.
create table lease (
  name   text   primary key,
  holder text   not null,
  until  bigint not null
);

-- Work to be done after the transaction that caused it. A job is open until it is removed (done) or failed
-- (given up at that instant, and kept with its reason). While holder is set and until is ahead, a program runs it.
create table job (
  org      text   not null,
  id       text   not null,
  kind     text   not null,
  payload  text   not null,
  due      bigint not null,
  attempts integer not null default 0,
  holder   text   not null default '',
  until    bigint not null default 0,
  failure  text   not null default '',
  failed   bigint not null default 0,
  primary key (org, id)
);
create index job_due on job (due, org, id) where failed = 0;
