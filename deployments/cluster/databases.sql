-- Run once by an administrator; the passwords are those of prefect.env and hitline.env.
CREATE ROLE prefect LOGIN PASSWORD 'CHANGE-ME';
CREATE DATABASE prefect OWNER prefect;
CREATE ROLE hitline LOGIN PASSWORD 'CHANGE-ME';
CREATE DATABASE hitline OWNER hitline;
