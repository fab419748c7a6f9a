-- What is said in a dialogue: interventions on the floor and written inputs. Of a sealed voice nothing here names the
-- author once it is confirmed, and instants are days. email_key is the address as it is compared; empty for none.
create table input (
  org          text    not null,
  id           text    not null,
  dialogue     text    not null,
  sample       integer not null,
  kind         text    not null,
  voice        text    not null,
  organisation text    not null,
  name         text    not null,
  person       text    not null,
  type         text    not null,
  region       text    not null,
  email        text    not null,
  email_key    text    not null,
  mailed       text    not null,
  item         text    not null,
  speech       integer not null,
  needs        text    not null,
  lang         text    not null,
  state        text    not null,
  received     bigint  not null,
  published    bigint  not null,
  source       text    not null,
  handing      integer not null,
  note         text    not null,
  alike        text    not null,
  asked        bigint  not null,
  reminded     integer not null,
  version      integer not null,
  erases       bigint  not null,
  primary key (org, id)
);
create index input_dialogue on input (org, dialogue, state);
create index input_person on input (org, person);
create index input_email on input (org, email_key);
create index input_erases on input (org, erases);

-- The texts of an input: number counts the published versions of a language, the newest of which may wait to be
-- published. of is the version of the original that a translation translates; 0 for the original. body has a line for
-- each paragraph, doubts (JSON) the places of those that could not be read with certainty; sketch tells like texts.
create table input_text (
  org    text    not null,
  input  text    not null,
  lang   text    not null,
  number integer not null,
  status text    not null,
  of     integer not null,
  body   text    not null,
  doubts text    not null,
  sketch bytea   not null,
  person text    not null,
  at     bigint  not null,
  entry  text    not null,
  primary key (org, input, lang, number)
);

-- Mentions of a country that an officer keeps, with the reason. place counts the characters before it.
create table input_mention (
  org    text    not null,
  input  text    not null,
  lang   text    not null,
  number integer not null,
  place  integer not null,
  code   text    not null,
  reason text    not null,
  person text    not null,
  primary key (org, input, lang, number, place)
);

-- Passages handed to a State's focal point instead of being published.
create table input_passage (
  org      text    not null,
  id       text    not null,
  dialogue text    not null,
  country  text    not null,
  lang     text    not null,
  who      text    not null,
  body     text    not null,
  reason   text    not null,
  at       bigint  not null,
  taken    bigint  not null,
  salt     bytea   not null,
  entry    text    not null,
  sealed   text    not null,
  erases   bigint  not null,
  primary key (org, id)
);
create index input_passage_country on input_passage (org, country);

-- One-time links of authors, by the SHA-256 of their secret.
create table input_link (
  org     text   not null,
  hash    bytea  not null,
  input   text   not null,
  expires bigint not null,
  primary key (org, hash)
);
create index input_link_input on input_link (org, input);

-- Attachments; blob is the name under which the file is kept.
create table input_file (
  org   text    not null,
  id    text    not null,
  input text    not null,
  name  text    not null,
  type  text    not null,
  size  bigint  not null,
  blob  text    not null,
  primary key (org, id)
);
create index input_file_input on input_file (org, input);

-- Files that no input has any more, until they are deleted.
create table input_waste (
  org  text   not null,
  blob text   not null,
  at   bigint not null,
  primary key (org, blob)
);

-- What happened to an input. person is empty for the author, for the clock, and for somebody whose data were erased.
create table input_act (
  org    text    not null,
  input  text    not null,
  number integer not null,
  at     bigint  not null,
  what   text    not null,
  note   text    not null,
  person text    not null,
  primary key (org, input, number)
);
create index input_act_person on input_act (org, person);

-- Forms that were taken, so that a second sending of the same form does nothing.
create table input_form (
  org   text   not null,
  token text   not null,
  at    bigint not null,
  primary key (org, token)
);
