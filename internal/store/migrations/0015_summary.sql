-- The Chair's summary of a dialogue. document is its text; langs are the languages that it is to have, joined by spaces;
-- published is the number of its newest published version, 0 while there is none.
create table summary (
  org       text    not null,
  dialogue  text    not null,
  document  text    not null,
  langs     text    not null,
  published integer not null,
  created   bigint  not null,
  primary key (org, dialogue)
);

-- What was published. version is that of the text; body and account are the texts of the entries of the whole and of the
-- coverage account. person published it and is empty for somebody whose data were erased.
create table summary_version (
  org           text    not null,
  dialogue      text    not null,
  number        integer not null,
  version       integer not null,
  published     bigint  not null,
  person        text    not null,
  entry         text    not null,
  body          text    not null,
  account_entry text    not null,
  account       text    not null,
  primary key (org, dialogue, number)
);

-- The blocks of published summaries: body is the text of the entry; number is the published version that it came with.
create table summary_block (
  org      text    not null,
  dialogue text    not null,
  block    text    not null,
  number   integer not null,
  entry    text    not null,
  body     text    not null,
  primary key (org, dialogue, block, number)
);

-- The links with which people who are asked for comments get in. source is the input whose author they are.
create table summary_link (
  org        text   not null,
  hash       bytea  not null,
  dialogue   text   not null,
  invitation text   not null,
  source     text   not null,
  lang       text   not null,
  made       bigint not null,
  primary key (org, hash)
);
create index summary_link_of on summary_link (org, dialogue, invitation);

-- Which of those who were asked made which suggestion or comment, so that they find the answers.
create table summary_reply (
  org        text not null,
  dialogue   text not null,
  id         text not null,
  invitation text not null,
  primary key (org, dialogue, id)
);
