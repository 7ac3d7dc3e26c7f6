"""Writes of the room: a message answered, a conversation held by a person, the rules of the bot, replies saved."""

from aldia.chat.services.acting import ActRefused
from aldia.chat.services.holding import HeldByOther, finish, say_as_person, take, to_bot
from aldia.chat.services.keypad import answer_key
from aldia.chat.services.settings import ReplyRefused, drop_reply, save_reply, set_chat, set_chat_of
from aldia.chat.services.talking import Answer, Written, answer_replies, talk

__all__ = [
    "ActRefused",
    "Answer",
    "HeldByOther",
    "ReplyRefused",
    "Written",
    "answer_key",
    "answer_replies",
    "drop_reply",
    "finish",
    "save_reply",
    "say_as_person",
    "set_chat",
    "set_chat_of",
    "take",
    "talk",
    "to_bot",
]
